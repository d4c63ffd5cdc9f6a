import type { FilmRegion } from '../contract/primitives.ts'

/** What a network that looks at the lungs alone sees: the box around both, `margin` of its width and height added on each side, cut at the film's border. */
export function lungCrop({ box }: { box: FilmRegion }, margin: number): FilmRegion {
	const across = (box.right - box.left) * margin
	const down = (box.bottom - box.top) * margin
	return { left: Math.max(box.left - across, 0), top: Math.max(box.top - down, 0), right: Math.min(box.right + across, 1), bottom: Math.min(box.bottom + down, 1) }
}
