import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { SECTIONS, sectionTitle } from '../../../src/renderer/admin/sections.ts'
import { useNavigation } from '../../../src/renderer/app/navigation.ts'

const folder = fileURLToPath(new URL('../../../src/renderer/admin', import.meta.url))

it.each(SECTIONS)('$title has its file', ({ section }) => {
	expect(readFileSync(`${folder}/${section}/Section.tsx`, 'utf8')).toContain('export function Section(')
})

it('knows each section once, and by a title', () => {
	expect(new Set(SECTIONS.map(({ section }) => section)).size).toBe(SECTIONS.length)
	expect(SECTIONS.map(({ section }) => sectionTitle(section))).toEqual(SECTIONS.map(({ title }) => title))
})

it('opens a section from any room, and keeps it while others are looked at', () => {
	const { openSection, go } = useNavigation.getState()
	go('reports')
	openSection('models')
	expect(useNavigation.getState()).toMatchObject({ room: 'admin', section: 'models' })
	go('worklist')
	go('admin')
	expect(useNavigation.getState().section).toBe('models')
})
