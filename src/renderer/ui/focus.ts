/** Gives an element the keyboard where nothing has it: where what had it is gone, or a room has just been entered. */
export function focusIfNothingHasIt(element: Element | null | undefined): void {
	const { activeElement } = document
	if (element instanceof HTMLElement && (activeElement === null || activeElement === document.body)) element.focus()
}
