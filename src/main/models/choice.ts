import { domainSchema, type Domain, type ModelManifest, type ReadyModel } from '../../common/contract/model.ts'
import type { Settings } from '../../common/contract/system.ts'
import type { SettingsStore } from '../settings.ts'

/** Who is chosen: a student for each kind of image, a teacher for all. */
export type Selection = Pick<Settings, 'students' | 'teacher'>

/** Whose choice is meant: of the student for a kind of image, or of the teacher. */
export type Choice = { role: 'student'; domain: Domain } | { role: 'teacher' }

/** The choice by which a model reads. */
export function choiceOf({ role, domain }: Pick<ModelManifest, 'role' | 'domain'>): Choice {
	return role === 'student' ? { role, domain } : { role }
}

/** Id of the chosen one; null: nobody was chosen. */
export function chosenIn({ students, teacher }: Selection, choice: Choice): string | null {
	return choice.role === 'teacher' ? teacher : (students[choice.domain] ?? null)
}

/** What is chosen when one choice is another one and the rest stays. @param id null: nobody is chosen. */
export function withChoice({ students, teacher }: Selection, choice: Choice, id: string | null): Selection {
	if (choice.role === 'teacher') return { students, teacher: id }
	const { [choice.domain]: _, ...others } = students
	return { students: id === null ? others : { ...others, [choice.domain]: id }, teacher }
}

/**
 * Reads the one student that an older program was told to ask about every kind of image as the choice for what it reads. Where its pack is not there nobody knows what that is:
 * it is the choice for every kind then, so that no other student answers in its place before somebody has chosen again.
 */
export function takeOverStudent(settings: SettingsStore, studentById: (id: string) => ReadyModel | null): void {
	const { student, students } = settings.get()
	if (student === null) return
	const pack = studentById(student)
	const domains = pack ? [pack.manifest.domain] : domainSchema.options
	settings.set({ student: null, students: { ...Object.fromEntries(domains.map((domain) => [domain, student])), ...students } })
}
