/** The parts of the form in the order in which a person decides. fields: beginnings of the names of the fields that stand in it. */
export const GROUPS = [
	{ group: 'name', title: 'Name', fields: ['name', 'seed', 'schemaVersion', 'threads', 'checkpointEverySteps'] },
	{ group: 'images', title: 'Images', fields: ['data'] },
	{ group: 'student', title: 'Student', fields: ['student', 'input', 'normalisation'] },
	{ group: 'teachers', title: 'Teachers', fields: ['teachers'] },
	{ group: 'losses', title: 'Losses', fields: ['losses'] },
	{ group: 'schedule', title: 'Schedule', fields: ['epochs', 'batch', 'optimisation', 'resizing', 'validation'] },
	{ group: 'freezing', title: 'Frozen layers', fields: ['headOnly', 'optimisation.freeze'] },
	{ group: 'augmentation', title: 'Augmentation', fields: ['augmentation'] },
	{ group: 'pack', title: 'Model pack', fields: ['pack'] },
] as const

export type GroupName = (typeof GROUPS)[number]['group']

/** The part of the form that a field stands in; null: in none, the expert view has it. */
export function groupOf(field: string): GroupName | null {
	const fitting = GROUPS.flatMap(({ group, fields }) => fields.filter((own) => field === own || field.startsWith(`${own}.`) || field.startsWith(`${own}[`)).map((own) => ({ group, length: own.length })))
	return fitting.toSorted((a, b) => b.length - a.length)[0]?.group ?? null
}
