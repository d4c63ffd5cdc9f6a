import type { ReportText } from '../../../../common/contract/report.ts'
import type { DraftKeeper } from './draftKeeper.ts'

type TextField = Exclude<keyof ReportText, 'keyImages'>

/** One free text of the report. */
export function DraftField({ keeper, name, title, rows = 3 }: { keeper: DraftKeeper; name: TextField; title: string; rows?: number }) {
	const text = keeper.store((state) => state.text[name])
	return (
		<label className="field">
			<span>{title}</span>
			<textarea dir="auto" rows={rows} maxLength={20000} value={text} onChange={(event) => keeper.edit({ [name]: event.target.value })} onBlur={() => void keeper.flush()} />
		</label>
	)
}
