import { create } from 'zustand'
import type { CandidateReference } from '../../../common/contract/promotion.ts'
import { useNavigation } from '../../app/navigation.ts'

interface PromotionState {
	/** The candidate that is shown; null: the list. */
	candidate: CandidateReference | null
}

export const usePromotion = create<PromotionState>(() => ({ candidate: null }))

/** Shows a candidate. */
export function openCandidate(candidate: CandidateReference): void {
	usePromotion.setState({ candidate })
	useNavigation.getState().openSection('promotion')
}
