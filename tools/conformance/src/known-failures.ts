const SCALAR = 'a scalar has no axes here; PyTorch lets it have axis 0 and −1';
const LIMIT = 'the derivative of t ln t at t = 0 is −∞ here, as the note of the case says; its data are NaN';

/** Names of cases, each with the cause of its failure. */
type Causes = Readonly<Record<string, string>>;

const everywhere: Causes = {
  'nn.LogSoftmax/moduleinfo/002': SCALAR,
  'nn.Softmax/moduleinfo/001': SCALAR,
  'batch_norm/opinfo/004': 'batch norm takes [N, C, ...spatial]; PyTorch lets the batch be missing for an empty input',
  'instance_norm/opinfo/002': 'a momentum below 0 is refused: the running mean would leave the means',
  'instance_norm/opinfo/005': 'a momentum below 0 is refused: the running mean would leave the means',
  'nn.BatchNorm1d/error/rank4':
    'one batch norm layer serves inputs of any rank: there is none for one spatial axis alone',
  'lr_scheduler.LinearLR/error/9_start_factor': 'rates are absolute here, and a straight line may begin at 0',
  'amax/opinfo/001': SCALAR,
  'argmin/opinfo/001': SCALAR,
  'logsumexp/opinfo/000': SCALAR,
  'min/opinfo/reduction_with_dim_003': SCALAR,
  'prod/opinfo/023': SCALAR,
  'prod/opinfo/037': SCALAR,
  'sum/opinfo/001': SCALAR,
  'index_select/opinfo/000': SCALAR,
  'scatter/opinfo/007': SCALAR,
  'scatter_add/opinfo/006': SCALAR,
  'squeeze/opinfo/multiple_005': SCALAR,
  'transpose/opinfo/004': SCALAR,
  'kl_div/hand/zero_target_mean': LIMIT,
  'kl_div/hand/zero_target_none': LIMIT,
  'kl_div/hand/zero_target_sum': LIMIT,
};

const OVERFLOW = 'the gradient of x · s(x) computes upstream · x, which overflows float32, times a derivative of 0';

/**
 * Cases that the library does not pass yet, by backend. A test fails for every other failure, and for a case of this list
 * that passes.
 */
export const KNOWN_FAILURES: Readonly<Record<string, Causes>> = {
  reference: everywhere,
  wasm: { ...everywhere, 'silu/hand/extreme_finite': OVERFLOW, 'mish/hand/extreme_finite': OVERFLOW },
};
