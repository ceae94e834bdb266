import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Least eigenvalue, as a share of the greatest, with which a minimiser counts as determined in double precision. */
const LEAST_SHARE = 1e-12;

/**
 * A loss that is quadratic in the parameters theta [d]: F(theta) = v^T Q v with v = (theta, -1) and Q [d+1][d+1]
 * symmetric. Squared residuals are sums of such forms: with u = (z, y), u . v is the residual z . theta - y.
 */
export class QuadraticLoss {
  private readonly q: Float64Array;

  /** The zero loss. @param d number of parameters */
  constructor(readonly d: number) {
    this.q = new Float64Array((d + 1) * (d + 1));
  }

  /** Adds weight * (u . v)^2. @param u [d+1] */
  addSquare(u: Float64Array, weight: number): this {
    const size = this.d + 1;
    for (let row = 0; row < size; row++) {
      const scaled = weight * u[row];
      for (let column = 0; column < size; column++) this.q[row * size + column] += scaled * u[column];
    }
    return this;
  }

  /** Adds a number that does not depend on theta. */
  addConstant(value: number): this {
    this.q[this.q.length - 1] += value;
    return this;
  }

  /** Adds weight times another loss. */
  add(other: QuadraticLoss, weight: number): this {
    other.q.forEach((value, index) => (this.q[index] += weight * value));
    return this;
  }

  /** F(theta). @param theta [d] */
  valueAt(theta: ArrayLike<number>): number {
    const size = this.d + 1;
    const v = (index: number) => (index < this.d ? theta[index] : -1);
    let sum = 0;
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) sum += v(row) * this.q[row * size + column] * v(column);
    }
    return sum;
  }

  /** Eigenvalues of the Hessian 2 Q_theta,theta, ascending [d]. */
  curvatures(): number[] {
    return this.decomposition().realEigenvalues.map((value) => 2 * value);
  }

  /** The minimiser [d], or null when there are several. */
  minimiser(): Float64Array | null {
    const { realEigenvalues, eigenvectorMatrix } = this.decomposition();
    if (realEigenvalues[0] <= LEAST_SHARE * realEigenvalues[this.d - 1]) return null;
    const target = Matrix.columnVector(Array.from({ length: this.d }, (_, row) => this.q[row * (this.d + 1) + this.d]));
    const coordinates = eigenvectorMatrix.transpose().mmul(target);
    const scaled = new Matrix(realEigenvalues.map((value, index) => [coordinates.get(index, 0) / value]));
    return Float64Array.from(eigenvectorMatrix.mmul(scaled).to1DArray());
  }

  private decomposition(): EigenvalueDecomposition {
    const { d, q } = this;
    const rows = Array.from({ length: d }, (_, row) => Array.from(q.subarray(row * (d + 1), row * (d + 1) + d)));
    return new EigenvalueDecomposition(new Matrix(rows), { assumeSymmetric: true });
  }
}
