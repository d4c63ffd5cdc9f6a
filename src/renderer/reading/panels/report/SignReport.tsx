import { useId, useState, type FormEvent } from 'react'
import { client } from '../../../app/client.ts'
import { useNotices } from '../../../app/notices.ts'
import { useSettings } from '../../../app/settings.ts'
import { undecided } from '../findings/findingsKeeper.ts'
import { findings, loadSigned } from '../live.ts'
import type { DraftKeeper } from './draftKeeper.ts'
import { undecidedWarning, type Writing } from './reportState.ts'

/** Freezes the draft and the findings as a version. */
export function SignReport({ keeper, writing }: { keeper: DraftKeeper; writing: Writing }) {
	const readerName = useSettings((state) => state.settings.readerName)
	const open = findings.store((state) => undecided(state.findings ?? []).length)
	/** Null: the name of the settings stands. */
	const [typed, setTyped] = useState<string | null>(null)
	const [isSigning, setSigning] = useState(false)
	const [fault, setFault] = useState('')
	const warningId = useId()
	const name = (typed ?? readerName).trim()
	const what = writing === 'addendum' ? 'addendum' : 'report'
	const warning = undecidedWarning(open)

	async function sign(): Promise<void> {
		setSigning(true)
		setFault('')
		try {
			if (!(await keeper.flush())) {
				setFault(`Not signed: the draft could not be saved first. ${keeper.store.getState().fault}`)
				return
			}
			const signed = await client.call('reports.sign', { studyId: keeper.studyId, signedBy: name })
			await Promise.all([keeper.load(), loadSigned(), findings.load()])
			useNotices.getState().show({ level: 'info', message: `Version ${signed.version} is signed and kept. It can no longer be changed; an addendum makes a new version.` })
		} catch (error) {
			setFault(`Not signed; the draft is kept. ${error instanceof Error ? error.message : String(error)}`)
		} finally {
			setSigning(false)
		}
	}

	function submit(event: FormEvent): void {
		event.preventDefault()
		if (name !== '' && !isSigning) void sign()
	}

	return (
		<form className="panel-group sign" aria-label="Sign" onSubmit={submit}>
			<label className="field">
				<span>Signed by</span>
				<input type="text" dir="auto" maxLength={200} value={typed ?? readerName} onChange={(event) => setTyped(event.target.value)} />
			</label>
			<div id={warningId}>
				{warning !== '' && <p className="warning-text">{warning}</p>}
				{name === '' && <p className="muted note">Enter your name to sign.</p>}
			</div>
			{fault !== '' && <p className="fault" role="alert">{fault}</p>}
			<button type="submit" className="primary" disabled={name === '' || isSigning} aria-describedby={warningId}>
				{isSigning ? 'Signing' : `Sign ${what}`}
			</button>
		</form>
	)
}
