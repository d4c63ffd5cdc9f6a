/** Least squares over the 50 specialised sub-networks that the authors publish (README of mit-han-lab/once-for-all), in millions: standard error 0.9 points, R^2 0.90. */
const INTERCEPT = 54.273
export const MACS_SLOPE = 1.914
export const PARAMETERS_SLOPE = 6.092
/** No published network of m million multiply-accumulates has more than 1.083 m^0.3457 million parameters. */
const ENVELOPE = { factor: 1.083, exponent: 0.3457 }

/**
 * What the student builder maximises: the top-1 accuracy on ImageNet, in percent, that a sub-network of OFA-MobileNetV3 of this many multiply-accumulates and
 * parameters (with 1000 classes) would be expected to have. Parameters beyond those of any published network of as many multiply-accumulates count for
 * nothing, lest the search leave what was measured. Never falls with either number. docs/adr/0015 says what it is not.
 */
export function accuracyProxy(macs: number, parameters: number): number {
	const millions = macs / 1e6
	const counted = Math.min(parameters / 1e6, ENVELOPE.factor * millions ** ENVELOPE.exponent)
	return INTERCEPT + MACS_SLOPE * Math.log(millions) + PARAMETERS_SLOPE * Math.log(counted)
}
