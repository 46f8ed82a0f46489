namespace Tenet.Tests;
