//! Measures how fast a training is, on drawn data.

use std::rc::Rc;

use super::device::{self, Job};
use super::hub::{AnswerTo, Answered, Hub};
use super::parts::Pool;
use super::turn::{now, yield_now};
use crate::random::RandomStream;
use crate::twin::backend::TrainBackend;
use crate::twin::batch::Batch;
use crate::twin::config::TwinConfig;
use crate::twin::scaling::Scaling;
use crate::twin::schedule::Recipe;
use crate::twin::train::{TrainError, Trainer};
use crate::web::port::QuestionId;
use crate::web::trainer::protocol::{Device, MEASURE_MS, Measure, Measured, Wanted};

impl Answered for Measure {
    async fn answer(self, _: &Hub, _: QuestionId) -> AnswerTo<Self> {
        let Self { config, recipe, wanted, parts } = self;
        config.check()?;
        recipe.check()?;
        let mut all = Vec::new();
        for device in device::to_measure(wanted).await? {
            let job = OnDevice { config: config.clone(), recipe: recipe.clone(), device, parts };
            match device::on(device, job).await {
                Ok(steps_per_s) => all.push((device, steps_per_s)),
                // what fails on the graphics device may work on the CPU
                Err(_) if device == Device::WebGpu && !matches!(wanted, Wanted::Only(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let of = |device| all.iter().find(|found| found.0 == device).map(|found| found.1);
        let (device, text) = match (wanted, of(Device::WebGpu), of(Device::Cpu)) {
            (Wanted::Only(_), ..) => device::choose(wanted).await?,
            (_, Some(webgpu), Some(cpu)) => {
                device::choose(Wanted::Measured { webgpu, cpu }).await?
            }
            _ => match device::choose(Wanted::Auto).await? {
                (Device::WebGpu, _) => {
                    (Device::Cpu, "CPU, since WebGPU failed on this twin".to_owned())
                }
                cpu => cpu,
            },
        };
        let steps_per_s = of(device).ok_or("The device that was measured is gone.")?;
        Ok(Measured { device, text, steps_per_s, all })
    }
}

struct OnDevice {
    config: TwinConfig,
    recipe: Recipe,
    device: Device,
    parts: usize,
}

impl OnDevice {
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

impl Job for OnDevice {
    type Output = Result<f64, TrainError>;

    async fn run<B: TrainBackend>(self, device: &B::Device) -> Self::Output {
        let batch = self.batch();
        let scaling = Scaling::default();
        let mut pool = match self.device {
            Device::Cpu => Pool::new(&self.config, self.parts, Rc::default()),
            Device::WebGpu => Pool::alone(),
        };
        let mut trainer = Trainer::<B>::new(&self.config, self.recipe, scaling, device);
        // the first step compiles what the device runs; meanwhile the helpers start
        trainer.step(batch.clone()).await?;
        pool.ready().await;
        let (start, mut at_once) = (now(), 1);
        let mut taken = 0;
        while taken == 0 || now() - start < MEASURE_MS {
            yield_now().await;
            for _ in 0..at_once {
                trainer.submit(&mut pool, batch.clone()).await?;
            }
            trainer.read().await?;
            taken += at_once;
            // read as a training does: every 500 ms or 25 steps
            let rate = f64::from(taken) / (now() - start).max(1.0);
            at_once = (500.0 * rate).clamp(1.0, 25.0) as i32;
        }
        Ok(1e3 * f64::from(taken) / (now() - start))
    }
}
