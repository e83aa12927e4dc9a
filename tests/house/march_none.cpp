// Stands for march_wide.cpp in the program that has the plain unit only.
double workload_of_the_wide_unit();

double workload_of_the_wide_unit() { return 0; }
