import { X } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { CandidateReference } from '../../../common/contract/promotion.ts'
import { client } from '../../app/client.ts'
import { Card } from '../../ui/Card.tsx'
import { Dialog } from '../../ui/Dialog.tsx'

/** The card of a candidate, over the section. */
export function CandidateCard({ candidate, title, onClose }: { candidate: CandidateReference; title: string; onClose(): void }) {
	const [card, setCard] = useState<string | null>(null)
	const [fault, setFault] = useState('')
	useEffect(() => {
		let over = false
		client.call('promotion.card', { candidate }).then(
			(answer) => void (over || setCard(answer.card)),
			(error: unknown) => void (over || setFault(error instanceof Error ? error.message : String(error))),
		)
		return () => void (over = true)
	}, [candidate])
	return (
		<Dialog label="Model card" className="promotion-card" onClose={onClose}>
			<header>
				<h2 dir="auto">{title}</h2>
				<button type="button" className="quiet icon" aria-label="Close" onClick={onClose}><X aria-hidden /></button>
			</header>
			<div className="promotion-card-text" role="region" aria-label="Text of the card" tabIndex={0} data-first>
				{fault !== '' && <p role="alert">The card could not be read. {fault}</p>}
				{fault === '' && card === null && <p className="muted">Looking for the card</p>}
				{card !== null && <Card text={card} />}
			</div>
		</Dialog>
	)
}
