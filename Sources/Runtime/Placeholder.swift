// Emptied when the first file of this layer lands.
