/** How near the update of a round comes to the exact mean of what was to be sent. */

/** All relative to ||cbar||^2, cbar = (1/s) sum c_i, and null when that is 0. `aggregationNmse` = (1 - `updateGain`)^2 + `misalignment`. */
export interface UpdateFidelity {
  /** ||update - cbar||^2 / ||cbar||^2. */
  readonly aggregationNmse: number | null;
  /** c = <update, cbar> / ||cbar||^2: how long a step the update takes along the exact mean; 1 for the mean itself, 0 when nothing was sent. */
  readonly updateGain: number | null;
  /** ||update - c cbar||^2 / ||cbar||^2: what is orthogonal to the exact mean; 0 when nothing was sent. */
  readonly misalignment: number | null;
  /** ||cbar||^2. */
  readonly meanEnergy: number;
}

/** Inner products with e = update - cbar. */
export interface FidelitySums {
  /** ||e||^2. */
  readonly error: number;
  /** <e, cbar>. */
  readonly errorAlongMean: number;
  /** ||cbar||^2. */
  readonly meanEnergy: number;
}

/**
 * c = 1 + b and misalignment = ||e||^2 / ||cbar||^2 - b^2 with b = <e, cbar> / ||cbar||^2. Through the error instead of the update, nothing
 * cancels when the two are alike: what is lost is at most the rounding of the sums, relative to the NMSE.
 */
export function fidelityFromSums({ error, errorAlongMean, meanEnergy }: FidelitySums): UpdateFidelity {
  if (!(meanEnergy > 0)) return { aggregationNmse: null, updateGain: null, misalignment: null, meanEnergy };
  const aggregationNmse = error / meanEnergy;
  const along = errorAlongMean / meanEnergy;
  return { aggregationNmse, updateGain: 1 + along, misalignment: Math.max(aggregationNmse - along * along, 0), meanEnergy };
}

/** @param update @param mean cbar, both [d] */
export function fidelityOf(update: Float64Array, mean: Float64Array): UpdateFidelity {
  let [error, errorAlongMean, meanEnergy] = [0, 0, 0];
  for (let index = 0; index < mean.length; index++) {
    const difference = update[index] - mean[index];
    error += difference * difference;
    errorAlongMean += difference * mean[index];
    meanEnergy += mean[index] * mean[index];
  }
  return fidelityFromSums({ error, errorAlongMean, meanEnergy });
}
