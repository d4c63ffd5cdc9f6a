import { create } from 'zustand'

/** The film alone on the screen: rail, panels and status line step aside. */
interface FilmOnly {
	filmOnly: boolean
	set(filmOnly: boolean): void
}

export const useFilmOnly = create<FilmOnly>((set) => ({
	filmOnly: false,
	set(filmOnly) {
		set({ filmOnly })
		// The window itself goes along where it may; without it the film still has the whole page.
		if (filmOnly) document.documentElement.requestFullscreen().catch(() => {})
		else if (document.fullscreenElement) document.exitFullscreen().catch(() => {})
	},
}))

/** Follows the browser's own way out of full screen (Escape); returns what ends it. */
export function watchFullScreen(): () => void {
	document.addEventListener('fullscreenchange', followBrowser)
	return () => document.removeEventListener('fullscreenchange', followBrowser)
}

function followBrowser(): void {
	if (!document.fullscreenElement) useFilmOnly.setState({ filmOnly: false })
}
