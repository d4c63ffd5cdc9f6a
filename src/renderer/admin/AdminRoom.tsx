import '../ui/tabs.css'
import './admin.css'
import { lazy, Suspense, type ComponentType } from 'react'
import { FaultBoundary } from '../app/FaultBoundary.tsx'
import { useNavigation } from '../app/navigation.ts'
import { useHint } from '../app/useHint.ts'
import { SECTIONS, sectionTitle, type AdminSection } from './sections.ts'

const FILES = import.meta.glob<{ Section: ComponentType }>('./*/Section.tsx')
const CONTENT: Partial<Record<AdminSection, ComponentType>> = Object.fromEntries(SECTIONS.map(({ section }) => [section, lazy(() => contentOf(section))]))

async function contentOf(section: AdminSection): Promise<{ default: ComponentType }> {
	const load = FILES[`./${section}/Section.tsx`]
	if (!load) throw new Error(`The section ${section} of the Admin room has no file.`)
	return { default: (await load()).Section }
}

/** What an administrator does, one section at a time. */
export function AdminRoom() {
	const section = useNavigation((state) => state.section)
	const Content = CONTENT[section]
	return (
		<div className="admin">
			<nav className="admin-sections" aria-label="Admin sections">
				{SECTIONS.map(({ section: target, title }) => <SectionButton key={target} section={target} title={title} current={target === section} />)}
			</nav>
			<div className="admin-content">
				<FaultBoundary key={section}>
					<Suspense fallback={<p className="frame-waiting muted">Loading…</p>}>
						<main className="admin-section" aria-label={sectionTitle(section)}>{Content && <Content />}</main>
					</Suspense>
				</FaultBoundary>
			</div>
		</div>
	)
}

function SectionButton({ section, title, current }: { section: AdminSection; title: string; current: boolean }) {
	const hint = useHint(title, `admin.${section}`)
	return (
		<button className="tab admin-section-button" aria-current={current ? 'page' : undefined} title={hint} onClick={() => useNavigation.getState().openSection(section)}>
			{title}
		</button>
	)
}
