/** The light boxes: one or two films side by side. */
export function LightBoxes() {
	return null
}
