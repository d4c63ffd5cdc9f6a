import type { Faithfulness } from '../../../../common/contract/explanation.ts'
import { curvePoints } from '../../map/curve.ts'

const WIDTH = 300
const HEIGHT = 114
/** Room for the ends of lines and the numbers at the axes. */
const FRAME = { left: 26, top: 10, right: 6, bottom: 16 }

const across = (share: number) => FRAME.left + share * (WIDTH - FRAME.left - FRAME.right)
const down = (probability: number) => FRAME.top + (1 - probability) * (HEIGHT - FRAME.top - FRAME.bottom)

/** The probability over the share of the pixels, removed and put back hottest first. */
export function DeletionCurve({ faithfulness, operatingPoint, share, title }: { faithfulness: Faithfulness; operatingPoint: number; share: number; title: string }) {
	const { deletion, insertion } = faithfulness
	const [first, last] = [deletion.probabilities[0] ?? 0, deletion.probabilities.at(-1) ?? 0]
	const here = deletion.probabilities[Math.round(share * (deletion.probabilities.length - 1))] ?? first
	const words = `Probability of ${title} from ${first.toFixed(2)} with the whole film to ${last.toFixed(2)} with every pixel removed, area ${deletion.area.toFixed(2)}; put back into a blurred film the area is ${insertion.area.toFixed(2)}.`
	return (
		<figure className="deletion-curve" dir="ltr">
			<svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
				<path className="curve-axes" d={`M${across(0)} ${down(1)}V${down(0)}H${across(1)}`} />
				<text x={across(0) - 4} y={down(1)} className="curve-text end">1</text>
				<text x={across(0) - 4} y={down(0)} className="curve-text end">0</text>
				<text x={across(0)} y={HEIGHT - 3} className="curve-text">0 %</text>
				<text x={across(0.5)} y={HEIGHT - 3} className="curve-text middle">of the pixels</text>
				<text x={across(1)} y={HEIGHT - 3} className="curve-text end">100 %</text>
				<path className="curve-point" d={`M${across(0)} ${down(operatingPoint)}H${across(1)}`} />
				<path className="curve-insertion" d={curvePoints(insertion.probabilities, across, down)} />
				<path className="curve-deletion" d={curvePoints(deletion.probabilities, across, down)} />
				{share > 0 && <path className="curve-here" d={`M${across(share)} ${down(1)}V${down(0)}`} />}
				<circle className="curve-dot" cx={across(share)} cy={down(here)} r={3.5} />
			</svg>
			<figcaption className="bar-key muted">
				<span><i className="key-line-solid" /> removed</span>
				<span><i className="key-line-dashed" /> put back</span>
				<span><i className="key-line-dotted" /> operating point</span>
			</figcaption>
		</figure>
	)
}
