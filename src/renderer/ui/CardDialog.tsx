import './cardDialog.css'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Card } from './Card.tsx'
import { Dialog } from './Dialog.tsx'

interface CardDialogProps {
	title: string
	/** Null while it is looked for. */
	card: string | null
	/** Why there is none; '' while all is well. */
	fault: string
	onClose(): void
	/** Beside the title. */
	children?: ReactNode
}

/** The card of a network over the room, which stays where it is. */
export function CardDialog({ title, card, fault, onClose, children }: CardDialogProps) {
	return (
		<Dialog label="Model card" className="card-dialog" onClose={onClose}>
			<header>
				<h2 dir="auto">{title}</h2>
				{children}
				<button type="button" className="quiet icon" aria-label="Close" onClick={onClose}><X aria-hidden /></button>
			</header>
			<div className="card-dialog-text" role="region" aria-label="Text of the card" tabIndex={0} data-first>
				{fault !== '' && <p role="alert">The card could not be read. {fault}</p>}
				{fault === '' && card === null && <p className="muted">Looking for the card</p>}
				{card !== null && (card.trim() === '' ? <p role="alert">The pack has no card.</p> : <Card text={card} />)}
			</div>
		</Dialog>
	)
}
