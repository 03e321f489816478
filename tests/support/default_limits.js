// Gives every adapter of this worker the limits that WebGPU's specification guarantees, and of the optional features only
// timestamps, without which CubeCL does not begin. The script's value is a promise of a function that returns the errors which devices reported since it was called before.
(async () => {
    // a device for which nothing is asked has the specification's limits, whatever its adapter could do
    const adapter = await navigator.gpu.requestAdapter();
    const { limits } = await adapter.requestDevice();
    const errors = [];
    Object.defineProperty(GPUAdapter.prototype, 'limits', { get: () => limits });
    Object.defineProperty(GPUAdapter.prototype, 'features', { get: () => new Set(['timestamp-query']) });
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...given) {
        const device = await requestDevice.apply(this, given);
        device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
        return device;
    };
    return () => errors.splice(0).join('\n');
})()
