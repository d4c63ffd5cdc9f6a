import { expect, it } from 'vitest'
import { findCommands } from '../../../src/renderer/app/findCommands.ts'

const commands = [
	{ title: 'Rotate right', group: 'View' },
	{ title: 'Go to the reading room', group: 'Rooms' },
	{ title: 'Reset the view', group: 'View' },
	{ title: 'Durée d’écran', group: 'Vue' },
]
const titles = (text: string) => findCommands(commands, text).map((command) => command.title)

it('shows all without words', () => expect(titles('  ')).toHaveLength(4))
it('puts titles that begin with the text first, then beginnings of words', () => expect(titles('r')).toEqual(['Rotate right', 'Reset the view', 'Go to the reading room', 'Durée d’écran']))
it('wants every word, in any order', () => expect(titles('view res')).toEqual(['Reset the view']))
it('finds letters without their accents', () => expect(titles('ecran duree')).toEqual(['Durée d’écran']))
it('takes characters of patterns as they are', () => expect(titles('.*(')).toEqual([]))
