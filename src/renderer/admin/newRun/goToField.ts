import { groupOf } from './groups.ts'
import { openGroup, showView } from './newRunStore.ts'

/** Opens the part of the form that a field stands in and gives it the keyboard; a field that the form does not have is found in the expert view. */
export function goToField(field: string): void {
	const group = groupOf(field)
	if (!group) {
		showView('json')
		return
	}
	showView('form')
	openGroup(group)
	// The part is opened with the next drawing.
	requestAnimationFrame(() => {
		const own = [...document.querySelectorAll<HTMLElement>('[data-field]')].find(({ dataset }) => dataset['field'] === field)
		const target = own ?? document.querySelector<HTMLElement>(`[data-group="${group}"]`)
		target?.focus()
		target?.scrollIntoView({ block: 'center' })
	})
}
