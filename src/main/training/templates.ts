import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TrainingTemplate } from '../../common/contract/training/desk.ts'
import { recipeSchema, type Recipe } from '../../common/contract/training/recipe.ts'

/** Files of the recipes' folder that a person can begin with. */
const TEMPLATES: readonly Pick<TrainingTemplate, 'id' | 'title' | 'sentence'>[] = [
	{ id: 'cxr3-finetune', title: 'Fine-tune a student', sentence: 'Goes on with the weights of a model pack on films of your own, with a small learning rate; minutes to hours.' },
	{ id: 'paper1-covid-qu-ex', title: 'First paper, COVID-QU-Ex', sentence: 'Teaches OFA-595 with VGG19 on chest films: COVID-19, other pneumonia, normal.' },
	{ id: 'paper1-lc25000', title: 'First paper, LC25000', sentence: 'Teaches OFA-595 with Visformer-S and AutoFormerV2-T on tiles of lung and colon tissue.' },
	{ id: 'paper2-chestx-ray14', title: 'Second paper, ChestX-ray14', sentence: 'Teaches EEEA-Net-C2 with DenseNet161 on chest films with fourteen findings.' },
	{ id: 'paper2-chexpert', title: 'Second paper, CheXpert', sentence: 'The same pair on the fourteen labels of CheXpert, frontal films alone; uncertain labels are ignored.' },
	{ id: 'paper2-padchest', title: 'Second paper, PadChest', sentence: 'The same pair on PadChest with nineteen diagnoses.' },
]

export interface TemplateOptions {
	/** Folder of the recipes that come with the program. */
	recipes: string
	/** What relative paths of a recipe are relative to. */
	base: string
	/** Folders that hold packs by id. */
	models: readonly string[]
}

/** The templates whose files came with the program. */
export function trainingTemplates({ recipes, base, models }: TemplateOptions): TrainingTemplate[] {
	const isThere = (value: string, pack: boolean) => existsSync(pack ? join(resolve(base, value), 'model.json') : resolve(base, value)) || (pack && models.some((folder) => existsSync(join(folder, value, 'model.json'))))
	return TEMPLATES.flatMap((template) => {
		const path = join(recipes, `${template.id}.json`)
		if (!existsSync(path)) return []
		const recipe: unknown = JSON.parse(readFileSync(path, 'utf8'))
		return [{ ...template, recipe, missing: filesOf(recipeSchema.parse(recipe)).filter(({ value, pack }) => !isThere(value, pack)).map(({ field, value }) => ({ field, value })) }]
	})
}

/** The files, folders and packs that a recipe names. */
function filesOf({ data, student, teachers }: Recipe): { field: string; value: string; pack: boolean }[] {
	return [
		{ field: 'data.folder', value: data.folder, pack: false },
		...(student.from === 'pack' ? [{ field: 'student.pack', value: student.pack, pack: true }]
			: student.from === 'onnx' ? [{ field: 'student.file', value: student.file, pack: false }]
			: student.weights === undefined ? [] : [{ field: 'student.weights', value: student.weights, pack: false }]),
		...teachers.map((teacher, index) => (teacher.from === 'pack' ? { field: `teachers[${index}].pack`, value: teacher.pack, pack: true } : { field: `teachers[${index}].file`, value: teacher.file, pack: false })),
	]
}
