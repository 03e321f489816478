// Counts the calls of the WebGPU API that a training makes. The methods are replaced on the prototypes, so that every
// device, queue and pass of this worker is counted. The script's value is a function that returns what was called since
// it was called before, as JSON.
(() => {
    const zero = () => ({ dispatches: 0, submissions: 0, writes: 0, mappings: 0, copies: 0, kernels: {} });
    let calls = zero();
    const names = new WeakMap();
    const present = new WeakMap();
    const before = (type, method, note) => {
        const original = type.prototype[method];
        type.prototype[method] = function (...given) {
            note(this, given);
            return original.apply(this, given);
        };
    };
    const after = (type, method, note) => {
        const original = type.prototype[method];
        type.prototype[method] = function (...given) {
            const made = original.apply(this, given);
            note(made, given);
            return made;
        };
    };
    after(GPUDevice, 'createComputePipeline', (pipeline, [{ label, compute }]) => {
        names.set(pipeline, label || compute.entryPoint);
    });
    before(GPUComputePassEncoder, 'setPipeline', (pass, [pipeline]) => present.set(pass, names.get(pipeline)));
    for (const method of ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect']) {
        before(GPUComputePassEncoder, method, pass => {
            const name = present.get(pass) ?? 'of a pipeline made before the count';
            calls.dispatches += 1;
            calls.kernels[name] = (calls.kernels[name] ?? 0) + 1;
        });
    }
    before(GPUQueue, 'submit', () => { calls.submissions += 1; });
    before(GPUQueue, 'writeBuffer', () => { calls.writes += 1; });
    before(GPUBuffer, 'mapAsync', () => { calls.mappings += 1; });
    before(GPUCommandEncoder, 'copyBufferToBuffer', () => { calls.copies += 1; });
    return () => {
        const seen = calls;
        calls = zero();
        return JSON.stringify(seen);
    };
})()
