import { zooNameSchema } from '../common/contract/training/zoo.ts'
import { UsageError } from './output.ts'

/**
 * A recipe for one teacher, one student and a folder with a manifest; everything else is the recipe's default.
 * @param text an option's value; null where it was not given.
 */
export function distilRecipe(text: (name: string) => string | null): Record<string, unknown> {
	const needed = (name: string): string => {
		const value = text(name)
		if (value === null) throw new UsageError('distil needs --teacher T, --student S and --data D.')
		return value
	}
	const whole = (name: string): Record<string, number> => {
		const value = text(name)
		if (value === null) return {}
		if (!/^\d{1,15}$/.test(value)) throw new UsageError(`--${name} takes a whole number, not "${value}".`)
		return { [name]: Number(value) }
	}
	const [teacher, student, data] = [needed('teacher'), needed('student'), needed('data')]
	return {
		schemaVersion: 1,
		name: text('name') ?? `${fileName(student)}-from-${fileName(teacher)}`,
		data: { layout: 'manifest', folder: data },
		student: networkOf(student),
		teachers: [{ from: 'pack', pack: teacher }],
		...(text('size') === null ? {} : { input: whole('size') }),
		...whole('epochs'), ...whole('batch'), ...whole('seed'),
	}
}

function fileName(path: string): string {
	return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path
}

function networkOf(name: string): Record<string, unknown> {
	if (zooNameSchema.safeParse(name).success) return { from: 'zoo', name }
	return name.endsWith('.onnx') ? { from: 'onnx', file: name } : { from: 'pack', pack: name }
}
