//! Every recorded case of `tests/parity`, in the browser and on graphics devices.

use ballstick::twin::backend::TrainBackend;

use super::parity::Case;

macro_rules! cases {
    ($($name:literal),*) => {
        [$((
            $name,
            include_str!(concat!("../parity/", $name, ".json")),
            &include_bytes!(concat!("../parity/", $name, ".npz"))[..],
            &include_bytes!(concat!("../parity/", $name, ".pt"))[..],
        )),*]
    };
}

/// PyTorch's outputs, losses and gradients of every case, and its step of AdamW.
pub async fn all_cases<B: TrainBackend>() {
    for (name, json, npz, pt) in cases!("elm", "resnet_tcn", "tcn", "tcn_two_blocks", "transformer")
    {
        let case = Case::new(name, json, npz, pt);
        let count = case.twin::<B::InnerBackend>().count_params() as u64;
        assert_eq!(count, case.json["num_params"].as_u64().unwrap(), "{name}");
        let outputs =
            case.twin::<B::InnerBackend>().forward(case.tensor::<B::InnerBackend, 4>("X"));
        case.compare_outputs(&outputs, "eval_out", 1e-4).await;
        case.compare_a_step::<B>().await;
    }
}
