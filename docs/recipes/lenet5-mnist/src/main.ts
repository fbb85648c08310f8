import { command, runClassification } from '@lemmata/cli';
import { recipe } from './recipe.js';

await command(() => runClassification(recipe, process.argv.slice(2)));
