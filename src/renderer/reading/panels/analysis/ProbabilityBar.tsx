import type { LabelRow } from './labelRows.ts'

function at(fraction: number): { insetInlineStart: string } {
	return { insetInlineStart: `${100 * fraction}%` }
}

/** The calibrated probability as a bar from 0 to 1, with operating point, abstention band and teacher on the same scale. */
export function ProbabilityBar({ row, abstentionThreshold, abstained }: { row: LabelRow; abstentionThreshold: number; abstained: boolean }) {
	return (
		<div className="probability-bar" role="img" aria-label={row.description} title={row.description} dir="ltr">
			<div className="probability-track">
				<div className={abstained || !row.positive ? 'probability-fill below' : 'probability-fill'} style={{ inlineSize: `${100 * row.probability}%` }} />
				<div className="abstention-band" style={{ inlineSize: `${100 * abstentionThreshold}%` }} />
			</div>
			<div className="operating-point" style={at(row.operatingPoint)} />
			{row.teacher !== null && <div className="teacher-dot" style={at(row.teacher)} />}
		</div>
	)
}
