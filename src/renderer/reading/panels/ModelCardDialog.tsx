import { X } from 'lucide-react'
import { client } from '../../app/client.ts'
import { useOverlay } from '../../app/overlay.ts'
import { useAnswer } from '../../app/useAnswer.ts'
import { Card } from '../../ui/Card.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { useModelCard, type CardOf } from '../modelCard.ts'

const askModels = () => client.call('models.list', {})

/** The card of the network that gave an answer, over the desk; the film stays where it is. */
export function ModelCardDialog() {
	const of = useModelCard((state) => state.of)
	const shown = useOverlay((state) => state.shown === 'modelCard')
	return shown && of && <Opened of={of} />
}

function Opened({ of }: { of: CardOf }) {
	const hide = useOverlay((state) => state.hide)
	const { value: entries, fault } = useAnswer(askModels, 'system.changed')
	const entry = entries?.find((known) => known.state === 'ready' && known.manifest.sha256 === of.sha256)
	return (
		<Dialog label="Model card" className="model-card" onClose={hide}>
			<header>
				<h2 dir="auto">{of.title}</h2>
				<code title={`SHA-256 ${of.sha256}`}>{of.sha256.slice(0, 12)}</code>
				<button type="button" className="quiet icon" aria-label="Close" onClick={hide}><X aria-hidden /></button>
			</header>
			<div className="model-card-text" role="region" aria-label="Text of the card" tabIndex={0} data-first>
				{fault !== '' && <p role="alert">The card could not be read. {fault}</p>}
				{fault === '' && !entries && <p className="muted">Looking for the card</p>}
				{entries && entry?.state !== 'ready' && <p role="alert">The network that gave this answer is no longer installed, so its card is not here.</p>}
				{entry?.state === 'ready' && (entry.card.trim() === '' ? <p role="alert">The pack has no card.</p> : <Card text={entry.card} />)}
			</div>
		</Dialog>
	)
}
