import { client } from '../../app/client.ts'
import { useOverlay } from '../../app/overlay.ts'
import { useAnswer } from '../../app/useAnswer.ts'
import { CardDialog } from '../../ui/CardDialog.tsx'
import { useModelCard, type CardOf } from '../modelCard.ts'

const askModels = () => client.call('models.list', {})

/** The card of the network that gave an answer, over the desk; the film stays where it is. */
export function ModelCardDialog() {
	const of = useModelCard((state) => state.of)
	const shown = useOverlay((state) => state.shown === 'modelCard')
	return shown && of && <Opened of={of} />
}

function Opened({ of: { sha256, title } }: { of: CardOf }) {
	const hide = useOverlay((state) => state.hide)
	const { value: entries, fault } = useAnswer(askModels, 'system.changed')
	const entry = entries?.find((known) => known.state === 'ready' && known.manifest.sha256 === sha256)
	const isGone = entries !== null && entry === undefined
	return (
		<CardDialog title={title} card={entry?.state === 'ready' ? entry.card : null} fault={isGone ? 'The network that gave this answer is no longer installed.' : fault} onClose={hide}>
			<code title={`SHA-256 ${sha256}`}>{sha256.slice(0, 12)}</code>
		</CardDialog>
	)
}
