// Finds a Chromium that can show the workstation and run its end-to-end tests.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge-stable', 'microsoft-edge', 'msedge']

/** The usual places, then what is on the PATH, then Playwright's own download; null where there is none. */
export function findBrowser() {
	const chosen = process.env.NEGATOSCOPE_BROWSER
	if (chosen) return existsSync(chosen) ? chosen : null
	return [...usualPlaces(), ...onPath(), ...playwrightDownload()].find((path) => existsSync(path)) ?? null
}

function usualPlaces() {
	if (process.platform === 'win32') {
		const folders = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].filter(Boolean)
		return folders.flatMap((folder) => [
			join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
			join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
			join(folder, 'Chromium', 'Application', 'chrome.exe'),
		])
	}
	if (process.platform === 'darwin') {
		return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) => [
			join(folder, 'Google Chrome.app/Contents/MacOS/Google Chrome'),
			join(folder, 'Microsoft Edge.app/Contents/MacOS/Microsoft Edge'),
			join(folder, 'Chromium.app/Contents/MacOS/Chromium'),
		])
	}
	return NAMES.map((name) => join('/usr/bin', name))
}

function onPath() {
	return (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)))
}

function playwrightDownload() {
	try {
		return [createRequire(import.meta.url)('playwright-core').chromium.executablePath()]
	} catch {
		return []
	}
}
