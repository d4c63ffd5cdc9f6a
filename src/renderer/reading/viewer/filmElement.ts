/** The light box as what can have the keyboard; null while it is not drawn. */
export function filmElement(box: number): HTMLElement | null {
	return document.querySelector<HTMLElement>(`section.light-box[data-light-box="${box}"]`)
}
