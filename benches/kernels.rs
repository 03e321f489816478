//! The kernels of a training step on the widest instruction set of this processor. `ballstick bench kernels` compares
//! instruction sets and gives rates.
//!
//! ```text
//! cargo bench --bench kernels --features twin
//! ```

use ballstick::simd::Isa;
use ballstick::twin::cpu::cases::cases;
use divan::Bencher;

fn main() {
    divan::main();
}

#[divan::bench(args = cases(8, 512).into_iter().map(|case| case.name))]
fn kernel(bencher: Bencher<'_, '_>, name: &str) {
    let all = cases(8, 512);
    let case = all.iter().find(|case| case.name == name).expect("the case");
    bencher.bench_local(|| case.run(Isa::best()));
}
