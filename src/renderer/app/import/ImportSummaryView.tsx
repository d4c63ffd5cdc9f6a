import './importSummary.css'
import { X } from 'lucide-react'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { VirtualGrid, type Column } from '../../ui/VirtualGrid.tsx'
import { count } from '../../ui/words.ts'
import type { RefusedFile } from '../../../common/contract/import.ts'
import { useNavigation } from '../navigation.ts'
import { isOver, progressOf, refusedOf, resultLine, summaryText } from './importJob.ts'
import { cancelImport, useImports } from './imports.ts'
import { useState } from 'react'

const COLUMNS: Column<RefusedFile>[] = [
	{ key: 'name', title: 'File', width: 'minmax(10rem, 2fr)', cell: (file) => <bdi>{file.name}</bdi>, hint: (file) => file.name },
	{ key: 'reason', title: 'Reason', width: 'minmax(15rem, 3fr)', cell: (file) => file.reason, hint: (file) => file.reason },
]

/** Rows that are shown before the list scrolls. */
const LONGEST = 12

/** The one summary of an import: what came in, what was there already, and every refused file with its reason. */
export function ImportSummaryView() {
	const job = useImports((state) => state.jobs.find((candidate) => candidate.importId === state.shown))
	const hide = useImports((state) => state.hideSummary)
	const [active, setActive] = useState(-1)
	if (!job) return null
	const refused = refusedOf(job)
	const { done, total } = progressOf(job)
	const [only] = job.summary?.studyIds ?? []
	return (
		<section className="import-summary" aria-label="Import summary">
			<header>
				<p role="status">{resultLine(job)}</p>
				{!isOver(job) && <progress aria-label="Progress of this import" value={done} max={Math.max(1, total)} />}
				{!isOver(job) && <button onClick={() => cancelImport(job.importId)}>Cancel</button>}
				{job.summary?.studyIds.length === 1 && only !== undefined && isOver(job) && (
					<button onClick={() => useNavigation.getState().openStudy(only)}>Open the study</button>
				)}
				{isOver(job) && <CopyButton title="Copy summary" text={() => summaryText(job)} />}
				<button className="quiet icon" aria-label="Close import summary" onClick={hide}><X aria-hidden /></button>
			</header>
			{job.failure !== '' && <p className="import-summary-failure selectable">{job.failure}</p>}
			{refused.length > 0 && (
				<div className="import-summary-list" style={{ height: `calc(var(--row) * ${Math.min(refused.length, LONGEST) + 1})` }}>
					<VirtualGrid
						label={`${count(refused.length, 'refused file')}`}
						columns={COLUMNS}
						count={refused.length}
						rowAt={(index) => refused[index]}
						active={active}
						onActive={setActive}
					/>
				</div>
			)}
		</section>
	)
}
