-- By hand: turns of admission are counted in "admission_turns", whose row of the lab is also what dispatchers take turns by.
DROP SEQUENCE "admission_turn_seq";
