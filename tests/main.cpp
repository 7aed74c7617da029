#define BOOST_TEST_MODULE fergraph
#include <boost/test/unit_test.hpp>
