//! How fast a training is, on drawn data.

use burn::tensor::backend::AutodiffBackend;

use super::device::{self, Job};
use super::turn::{now, turn};
use crate::random::RandomStream;
use crate::twin::backend::TwinBackend;
use crate::twin::batch::Batch;
use crate::twin::config::TwinConfig;
use crate::twin::scaling::Scaling;
use crate::twin::schedule::Recipe;
use crate::twin::train::{TrainError, Trainer};
use crate::web::trainer::protocol::{News, Wanted};

/// How long it measures, ms.
const MEASURE_MS: f64 = 3000.0;

/// Trains for about three seconds and forgets it.
///
/// # Errors
/// A configuration or recipe that cannot be; a device that fails.
pub(super) async fn measure(
    config: TwinConfig,
    recipe: Recipe,
    wanted: Wanted,
) -> Result<News, String> {
    config.check().map_err(|error| error.to_string())?;
    recipe.check().map_err(|error| error.to_string())?;
    let (device, words) = device::choose(wanted).await?;
    let measured = device::on(device, Measure { config, recipe }).await;
    let steps_per_s = measured.map_err(|error| error.to_string())?;
    Ok(News::Measured { device, words, steps_per_s })
}

struct Measure {
    config: TwinConfig,
    recipe: Recipe,
}

impl Measure {
    fn batch(&self) -> Batch {
        let segments = self.config.ports().in_spatial_dim;
        let (size, duration) = (self.recipe.train_batch_size, self.recipe.train_time_window_size);
        let mut stream = RandomStream::from_key([0; 4], 0);
        let mut draw = |count: usize| (0..count).map(|_| stream.uniform() as f32).collect();
        let x = draw(size * 2 * segments * duration);
        let y = draw(size * (4 + segments) * duration);
        Batch { x, y, size, segments, duration, partner: None }
    }
}

impl Job for Measure {
    type Output = Result<f64, TrainError>;

    async fn run<B>(self, device: &B::Device) -> Self::Output
    where
        B: AutodiffBackend + TwinBackend,
        B::InnerBackend: TwinBackend,
    {
        let batch = self.batch();
        let scaling = Scaling::default();
        let mut trainer = Trainer::<B>::new(&self.config, self.recipe, scaling, device);
        // the first step compiles what the device runs
        trainer.step(batch.clone()).await?;
        let (start, mut at_once) = (now(), 1);
        let mut taken = 0;
        while taken == 0 || now() - start < MEASURE_MS {
            turn().await;
            for _ in 0..at_once {
                trainer.submit(batch.clone());
            }
            trainer.read().await?;
            taken += at_once;
            // as a training does: a reading every 500 ms or 25 steps
            let rate = f64::from(taken) / (now() - start).max(1.0);
            at_once = (500.0 * rate).clamp(1.0, 25.0) as i32;
        }
        Ok(1e3 * f64::from(taken) / (now() - start))
    }
}
