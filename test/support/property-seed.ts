/** Property tests try the same examples every time: what fails once fails again, and what is green stays green. */
import fc from 'fast-check';

fc.configureGlobal({ seed: 20240611 });
