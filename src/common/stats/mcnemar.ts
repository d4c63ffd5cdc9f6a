/**
 * The exact two-sided test of McNemar (1947) whether two models are right equally often on the same cases: of the cases on which one alone is right, either is as
 * likely to be it. p = min(1, 2 P(X <= min(a, b))) with X binomial of a + b cases at 1/2; 1 where no case tells them apart.
 * Cases are taken to be independent: several images of one patient are not, and make p too small.
 * @param onlyFirst, onlySecond Cases on which this model alone is right.
 */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
	const cases = onlyFirst + onlySecond
	const fewer = Math.min(onlyFirst, onlySecond)
	// In logarithms, for 2^-cases is 0 from about a thousand cases on.
	let logarithm = -cases * Math.LN2
	for (let count = 1; count <= fewer; count++) logarithm += Math.log((cases - fewer + count) / count)
	let sum = 0
	let term = 1
	for (let count = fewer; count >= 0; count--) {
		sum += term
		term *= count / (cases - count + 1)
	}
	return Math.min(1, 2 * Math.exp(logarithm) * sum)
}
