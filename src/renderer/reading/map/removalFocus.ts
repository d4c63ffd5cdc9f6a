import { create } from 'zustand'

/** Whether the slider that removes the hottest pixels shall take the keyboard as soon as it is there. */
export const useRemovalFocus = create<{ wanted: boolean }>(() => ({ wanted: false }))

export function wantRemoval(): void {
	useRemovalFocus.setState({ wanted: true })
}
