import { defineComponent, h, onMounted, ref } from 'vue';
import { withBase } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import './style.css';
import './demo.css';

/** The demonstration of `docs/demo`, which needs a page and is loaded where it is shown. */
const TrainHere = defineComponent(() => {
  const root = ref<HTMLElement>();
  onMounted(async () => {
    const { showDemo } = await import('../../demo/demo.js');
    showDemo(root.value!, withBase('/digits/'));
  });
  return () => h('div', { ref: root, class: 'train-here' });
});

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }: { app: { component(name: string, component: unknown): void } }) =>
    app.component('TrainHere', TrainHere),
};
