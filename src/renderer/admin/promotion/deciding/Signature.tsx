import { PenLine } from 'lucide-react'
import { useState } from 'react'
import { usePromotion } from '../promotionStore.ts'
import { Reason } from '../Signs.tsx'

interface SignatureProps {
	/** Of the button: "Sign and accept". */
	title: string
	/** What has to be done before one can sign, in a sentence; ''. */
	missing: string
	/** What the reason is meant to say. */
	hint: string
	/** Rejects, in words, where it could not be carried out. */
	onSign(signed: { decidedBy: string; reason: string }): Promise<void>
}

/** A person's name and reason, both of which are kept for ever, and the button that signs. */
export function SignatureForm({ title, missing, hint, onSign }: SignatureProps) {
	const signedBy = usePromotion((state) => state.signedBy)
	const [decidedBy, setDecidedBy] = useState(signedBy)
	const [reason, setReason] = useState('')
	const [isBusy, setBusy] = useState(false)
	const [fault, setFault] = useState('')
	const lacking = missing !== '' ? missing : decidedBy.trim() === '' ? 'Give your name.' : reason.trim() === '' ? 'Give the reason.' : ''

	async function sign(): Promise<void> {
		setBusy(true)
		setFault('')
		try {
			await onSign({ decidedBy: decidedBy.trim(), reason: reason.trim() })
		} catch (error) {
			setFault(error instanceof Error ? error.message : String(error))
			setBusy(false)
		}
	}

	return (
		<form
			className="promotion-signature" aria-label="Signature"
			onSubmit={(event) => {
				event.preventDefault()
				if (lacking === '' && !isBusy) void sign()
			}}
		>
			<label className="field promotion-signer"><span>Name of who decides</span><input value={decidedBy} maxLength={200} dir="auto" autoComplete="off" required onChange={(event) => setDecidedBy(event.target.value)} /></label>
			<label className="field"><span>Reason</span><textarea value={reason} maxLength={4000} rows={3} dir="auto" placeholder={hint} required onChange={(event) => setReason(event.target.value)} /></label>
			<div className="promotion-sign">
				<button className="primary" type="submit" disabled={lacking !== '' || isBusy}><PenLine aria-hidden />{title}</button>
				<p className="muted" role="status">{isBusy ? 'Being carried out…' : lacking !== '' ? lacking : 'Name, reason, models and hashes are kept for ever and can be changed by nobody.'}</p>
			</div>
			{fault !== '' && <div role="alert"><Reason kind="danger"><p>{fault} Nothing was changed.</p></Reason></div>}
		</form>
	)
}
