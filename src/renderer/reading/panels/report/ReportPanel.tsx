import { useEffect, useRef, useState } from 'react'
import { routes } from '../../../../common/contract/procedures.ts'
import { client } from '../../../app/client.ts'
import { showError, useNotices } from '../../../app/notices.ts'
import { focusIfNothingHasIt } from '../../../ui/focus.ts'
import { AddFinding } from '../findings/AddFinding.tsx'
import { FindingList } from '../findings/FindingList.tsx'
import { loadSigned, useReports } from '../live.ts'
import { DraftField } from './DraftFields.tsx'
import type { DraftKeeper } from './draftKeeper.ts'
import { phaseOf, saveText } from './draftTransitions.ts'
import { KeyImages } from './KeyImages.tsx'
import { writingOf, type Writing } from './reportState.ts'
import { SignedVersions } from './SignedVersions.tsx'
import { SignReport } from './SignReport.tsx'

async function preview(keeper: DraftKeeper): Promise<void> {
	// The preview is made of what is on the disk.
	if (await keeper.flush()) window.open(routes.draft(keeper.studyId), '_blank', 'noopener')
	else useNotices.getState().show({ level: 'error', message: 'No preview: the draft could not be saved first.', detail: keeper.store.getState().fault })
}

function SaveState({ keeper }: { keeper: DraftKeeper }) {
	const state = keeper.store()
	const phase = phaseOf(state)
	const failed = phase === 'failed' || phase === 'unread'
	return (
		<div className="save-state">
			<span className={failed ? 'danger-text' : 'muted numbers'} role={failed ? 'alert' : 'status'} aria-label="Draft">{saveText(state)}</span>
			{phase === 'failed' && <button type="button" className="small" onClick={() => void keeper.flush()}>Save again</button>}
			{phase === 'unread' && <button type="button" className="small" onClick={() => void keeper.load()}>Try again</button>}
			{!failed && phase !== 'loading' && <button type="button" className="small" onClick={() => void preview(keeper)}>Preview PDF</button>}
		</div>
	)
}

function AddAddendum({ keeper }: { keeper: DraftKeeper }) {
	const [isBeginning, setBeginning] = useState(false)
	function begin(): void {
		setBeginning(true)
		client.call('reports.beginAddendum', { studyId: keeper.studyId })
			.then(() => keeper.load())
			.catch(showError)
			.finally(() => setBeginning(false))
	}
	return (
		<div className="panel-group">
			<p className="muted">The report is signed and can no longer be changed.</p>
			<button type="button" disabled={isBeginning} onClick={begin}>Add addendum</button>
		</div>
	)
}

function Report({ keeper }: { keeper: DraftKeeper }) {
	const draft = keeper.store((state) => state.draft)
	const { signed, fault } = useReports()
	const writing = writingOf(draft, signed)
	const column = useRef<HTMLElement>(null)
	const isRead = draft !== null && signed !== null
	const known = useRef<Writing | null>(null)
	useEffect(() => {
		if (!isRead) return
		// Signing and beginning an addendum take away the button that was pressed.
		if (known.current !== null && known.current !== writing) focusIfNothingHasIt(column.current)
		known.current = writing
	}, [isRead, writing])
	return (
		<div className="report">
			<section className="panel-column padded" aria-label="Report" ref={column} tabIndex={-1}>
				{fault !== '' && (
					<div className="fault" role="alert">
						<p>The signed versions could not be read. {fault}</p>
						<button type="button" onClick={() => void loadSigned()}>Try again</button>
					</div>
				)}
				{signed && signed.length > 0 && <SignedVersions signed={signed} />}
				{draft && signed && writing === 'none' && <AddAddendum keeper={keeper} />}
				{writing !== 'none' && (
					<>
						{writing === 'addendum' && <h2>Addendum to version {draft?.addendumTo}</h2>}
						<DraftField keeper={keeper} name="clinicalInformation" title="Clinical information" rows={2} />
						<DraftField keeper={keeper} name="comparison" title="Comparison" rows={2} />
						<section className="panel-group" aria-label="Findings in the report">
							<h3 className="panel-heading">Findings</h3>
							<FindingList />
							<AddFinding />
						</section>
						<DraftField keeper={keeper} name="narrative" title="Narrative" rows={4} />
						<DraftField keeper={keeper} name="impression" title="Impression" rows={3} />
						<KeyImages keeper={keeper} />
						<SignReport keeper={keeper} writing={writing} />
					</>
				)}
			</section>
			{(writing !== 'none' || !draft) && <SaveState keeper={keeper} />}
		</div>
	)
}

/** The report of the open study: the draft until it is signed, then its versions. */
export function ReportPanel() {
	const keeper = useReports((state) => state.keeper)
	if (!keeper) return <p className="panel-note muted">Open a study to write its report.</p>
	return <Report key={keeper.studyId} keeper={keeper} />
}
