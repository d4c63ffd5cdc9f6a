import { useCallback } from 'react'
import type { CandidateReference } from '../../../common/contract/promotion.ts'
import { client } from '../../app/client.ts'
import { useQuestion } from '../../app/useQuestion.ts'
import { CardDialog } from '../../ui/CardDialog.tsx'

/** The card of a candidate, over the section. */
export function CandidateCard({ candidate: { origin, id }, title, onClose }: { candidate: CandidateReference; title: string; onClose(): void }) {
	const ask = useCallback(() => client.call('promotion.card', { candidate: { origin, id } }), [origin, id])
	const { value, fault } = useQuestion(ask)
	return <CardDialog title={title} card={value?.card ?? null} fault={fault} onClose={onClose} />
}
