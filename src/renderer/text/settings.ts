import { settingWords } from '../../shared/setting-label.ts';
import { inLanguage } from './language.ts';

/** Words for GitLab's features and settings, and for who serves a feature, on every screen. */
export const settingsText = inLanguage('settings', settingWords);
