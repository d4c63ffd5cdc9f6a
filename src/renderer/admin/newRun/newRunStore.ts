import { create } from 'zustand'
import type { DataRecipe } from '../../../common/contract/training/data.ts'
import { useNavigation } from '../../app/navigation.ts'

interface NewRunState {
	/** Data that another section wants a run on; taken over by the form when it is shown next. */
	wanted: DataRecipe | null
}

export const useNewRun = create<NewRunState>(() => ({ wanted: null }))

/** Shows the form for a new run, with these images. */
export function beginRun(data: DataRecipe): void {
	useNewRun.setState({ wanted: data })
	useNavigation.getState().openSection('newRun')
}
