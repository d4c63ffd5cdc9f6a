import { create } from 'zustand'
import { useOverlay } from '../app/overlay.ts'

/** The network whose card is read over the desk: what an answer says of its maker. */
export interface CardOf {
	sha256: string
	title: string
}

export const useModelCard = create<{ of: CardOf | null }>(() => ({ of: null }))

export function showModelCard(of: CardOf): void {
	useModelCard.setState({ of })
	useOverlay.getState().show('modelCard')
}
