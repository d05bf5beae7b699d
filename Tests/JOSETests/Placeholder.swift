// Emptied when the first test of this layer lands.
