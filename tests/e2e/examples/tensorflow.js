// Training steps a second of TCNs, by TensorFlow.js's WebGPU backend in this page and by our trainer in its worker.

const SEGMENTS = 8;
const HEADS = 4 + SEGMENTS;
const WEIGHTS = [2.0, 0.7, 1.8, 3.0, 6.0];
const LEAK = 0.15;

// The rule by which both are read: every 500 ms or 25 steps.
const READ_MS = 500;
const READ_STEPS = 25;

const draw = shape => tf.randomUniform(shape);

// A TCN with RMSNorm and leaky GELU, `[batch, time, channels]` as TensorFlow.js has it fastest.
class Twin {
    constructor({ depth, width, taps }) {
        this.layers = [];
        for (let n = 0, from = 2 * SEGMENTS; n <= depth; n++, from = width) {
            this.layers.push(this.#layer(taps, from, width));
        }
        this.heads = this.#layer(1, width, HEADS);
    }

    #layer(taps, from, to) {
        const bound = 1 / Math.sqrt(taps * from);
        return {
            weight: tf.variable(tf.randomUniform([taps, from, to], -bound, bound)),
            bias: tf.variable(tf.zeros([to])),
            scale: tf.variable(tf.ones([to])),
        };
    }

    get variables() {
        const inner = this.layers.flatMap(({ weight, bias, scale }) => [weight, bias, scale]);
        return [...inner, this.heads.weight, this.heads.bias];
    }

    #convolve(x, { weight, bias }) {
        const padded = tf.pad(x, [[0, 0], [weight.shape[0] - 1, 0], [0, 0]]);
        return tf.add(tf.conv1d(padded, weight, 1, 'valid'), bias);
    }

    forward(x) {
        for (const layer of this.layers) {
            const conv = this.#convolve(x, layer);
            const square = tf.mean(tf.square(conv), -1, true);
            const normed = tf.mul(tf.mul(conv, tf.rsqrt(tf.add(square, 1e-6))), layer.scale);
            const gelu = tf.mul(tf.mul(normed, 0.5), tf.add(tf.erf(tf.mul(normed, Math.SQRT1_2)), 1));
            x = tf.mul(tf.add(gelu, tf.leakyRelu(normed, 2 * LEAK)), 0.5);
        }
        return this.#convolve(x, this.heads);
    }

    loss(x, y) {
        const out = this.forward(x);
        const of = (all, from, channels) => tf.slice(all, [0, 0, from], [-1, -1, channels]);
        const pair = (from, channels) => [of(out, from, channels), of(y, from, channels)];
        const spikes = ([x, y]) =>
            tf.mean(tf.sub(tf.softplus(x), tf.mul(x, y)));
        const absolute = ([x, y]) => tf.mean(tf.abs(tf.sub(x, y)));
        const square = ([x, y]) => tf.mean(tf.square(tf.sub(x, y)));
        const losses = [
            spikes(pair(0, 1)), absolute(pair(1, 1)), spikes(pair(2, 1)), square(pair(3, 1)), absolute(pair(4, SEGMENTS)),
        ];
        return losses.map((loss, n) => tf.mul(loss, WEIGHTS[n])).reduce((a, b) => tf.add(a, b));
    }
}

// A training on drawn data: gradients, their norm clipped, and AdamW.
class Training {
    constructor(shape) {
        const { batch, window } = shape;
        this.twin = new Twin(shape);
        this.variables = this.twin.variables;
        this.optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
        this.x = draw([batch, window, 2 * SEGMENTS]);
        this.y = draw([batch, window, HEADS]);
        // as every step of a training uploads its batch
        [this.onHost, this.ofHost] = [this.x.dataSync(), this.y.dataSync()];
    }

    step() {
        return tf.tidy(() => {
            const [x, y] = [tf.tensor(this.onHost, this.x.shape), tf.tensor(this.ofHost, this.y.shape)];
            const { value, grads } = tf.variableGrads(() => this.twin.loss(x, y), this.variables);
            const all = this.variables.map(variable => grads[variable.name]);
            const norm = tf.sqrt(all.map(g => tf.sum(tf.square(g))).reduce((a, b) => tf.add(a, b)));
            const factor = tf.minimum(tf.div(25, tf.add(norm, 1e-6)), 1);
            const clipped = this.variables.map((variable, n) => ({
                name: variable.name,
                tensor: tf.mul(all[n], factor),
            }));
            for (const variable of this.variables) variable.assign(tf.mul(variable, 1 - 1e-3 * 1e-3));
            this.optimizer.applyGradients(clipped);
            return tf.stack([value, norm]);
        });
    }

    // Takes steps for some time; steps a second and the loss of the last one.
    async run(ms) {
        const since = performance.now();
        let taken = 0;
        let atOnce = 1;
        let loss;
        while (taken === 0 || performance.now() - since < ms) {
            const numbers = [];
            for (let n = 0; n < atOnce; n++) numbers.push(this.step());
            const read = await tf.tidy(() => tf.stack(numbers)).array();
            numbers.forEach(tensor => tensor.dispose());
            loss = read.at(-1)[0];
            taken += atOnce;
            const rate = taken / Math.max(performance.now() - since, 1);
            atOnce = Math.round(Math.min(Math.max(READ_MS * rate, 1), READ_STEPS));
        }
        return { rate: 1e3 * taken / (performance.now() - since), loss };
    }
}

// Our trainer, as the page starts it.
class Trainer {
    #worker;
    #last = 0;
    #waiting = new Map();

    static async start() {
        const trainer = new Trainer();
        const loader = "onmessage = async ({data: [script, base]}) => { onmessage = null;\
            globalThis.ballstickBase = base; globalThis.ballstickScript = script;\
            const {default: init} = await import(script); await init(); };";
        const url = URL.createObjectURL(new Blob([loader], { type: 'text/javascript' }));
        trainer.#worker = new Worker(url, { type: 'module' });
        const base = new URL('../twin/', location.href).href;
        await new Promise((ready, failed) => {
            trainer.#worker.onmessage = ({ data }) => {
                if (data === 'Ready') return ready();
                if (data.Broken) return failed(data.Broken);
                const [id, said] = data.Answer ?? data.Failed ?? [];
                const { answer, failed: refused } = trainer.#waiting.get(id) ?? {};
                (data.Answer ? answer : refused)?.(said);
            };
            trainer.#worker.onerror = ({ message }) => failed(message);
            trainer.#worker.postMessage([new URL('trainer/trainer.js', base).href, base]);
        });
        return trainer;
    }

    measure({ depth, width, taps, batch, window }) {
        const config = {
            class: 'SingleNeuronTwinModel_TCN',
            config: {
                in_spatial_dim: SEGMENTS,
                first_layer_temporal_kernel_size: taps,
                num_layers_per_block_list: [depth],
                num_features_per_block_list: [width],
                temporal_kernel_size_per_block_list: [taps],
                temporal_dilation_per_block_list: [1],
            },
        };
        const recipe = { train_batch_size: batch, train_time_window_size: window };
        const Measure = { config, recipe, wanted: { Only: 'WebGpu' }, parts: 1 };
        const id = ++this.#last;
        return new Promise((answer, failed) => {
            this.#waiting.set(id, { answer, failed });
            this.#worker.postMessage({ Ask: [id, { Inquiry: { Measure } }] });
        });
    }
}

let trainer;
let training;
let ofTwin;

// Makes both ready for a twin, with their kernels compiled; the backend's name and the loss at first.
async function begin(shape) {
    await tf.setBackend('webgpu');
    await tf.ready();
    trainer ??= await Trainer.start();
    training = new Training(shape);
    ofTwin = shape;
    const { loss } = await training.run(0);
    return [tf.getBackend(), loss];
}

// A turn of each: steps a second of ours and of TensorFlow.js, and the loss of its last step.
async function turn(ms) {
    const ours = await trainer.measure(ofTwin);
    const { rate, loss } = await training.run(ms);
    return [ours.steps_per_s, rate, loss];
}
