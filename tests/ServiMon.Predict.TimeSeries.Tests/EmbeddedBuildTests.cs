namespace ServiMon.Predict.TimeSeries;

/// <summary>Stands for the tests of the full build where there is none.</summary>
public sealed class EmbeddedBuildTests
{
    [Fact]
    public void The_tests_of_this_project_are_in_the_full_build() => Assert.Skip("this is the embedded build; build and test with -p:Full=true");
}
