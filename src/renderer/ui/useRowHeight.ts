import { useRootSize } from './useRootSize.ts'

/** Height of a list row in CSS pixels: two lines of the root size (tokens.css, --row). */
export function useRowHeight(): number {
	return 2 * useRootSize()
}
